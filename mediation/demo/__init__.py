"""The demonstration: people who do not exist, and cases at every stage, made by the product's own actions."""
