"""Quality, measured on data sets."""
