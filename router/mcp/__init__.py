"""The studio for agents: a server of the Model Context Protocol, whose tools ask the routes of the API."""
