"""Everything between files of rows and the columns an estimator reads."""
