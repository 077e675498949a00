"""Methods: frames and arrays in, estimate frame out; no files and no settings."""
