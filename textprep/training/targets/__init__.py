"""How each kind of target is learned and scored: the counterparts of `textprep.targets`, one file a kind."""
