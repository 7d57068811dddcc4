"""The command line: one file a subcommand; each parses, calls the main job and prints."""
