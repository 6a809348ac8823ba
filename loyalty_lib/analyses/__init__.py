"""One analysis, one file, one frozen result each; no pictures."""
