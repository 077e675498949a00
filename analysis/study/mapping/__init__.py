"""Mapping without code: `mapping.yml` says how the tables of the contract are made from an extract's own files."""
