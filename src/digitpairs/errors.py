"""What a user can mend."""


class UserError(Exception):
    """A mistake in params, files or a command; the message says what is wrong and what to do."""
