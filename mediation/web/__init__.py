"""The rim: the mark every route carries, forms, pages, sessions, limits."""
