"""Customer-base models: one row a customer in, one frozen fit out.  They know nothing of files, dates or pictures."""
