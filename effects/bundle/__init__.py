"""A recommendation with everything it rests on, in one ZIP file that anybody can recompute offline."""
