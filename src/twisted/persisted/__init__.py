"""Objects that outlive the process: in files, as pickles, as source or as XML, and by name."""
