"""Every way a person meets the assistant: command line, server, chat page."""
