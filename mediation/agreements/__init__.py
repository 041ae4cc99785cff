"""Agreements: drafted from accepted terms, set as a PDF, confirmed by each signer, sealed."""
