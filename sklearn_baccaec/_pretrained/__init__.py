"""What was learned once, for all: arrays that read the months of any film."""
