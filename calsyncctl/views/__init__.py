"""What people see, as pure functions and tables of columns: values in, text out; nothing here reads or decides."""
