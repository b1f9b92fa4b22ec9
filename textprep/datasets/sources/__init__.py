"""Where bytes come from: files, and whatever stands for one."""
