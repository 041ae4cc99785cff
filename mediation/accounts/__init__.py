"""Who is who: institutions, lenders, staff, borrowers, and how they sign in."""
