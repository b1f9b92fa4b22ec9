"""How a pipeline runs over a whole column of texts: `plain` says what is right, `engine` is fast."""
