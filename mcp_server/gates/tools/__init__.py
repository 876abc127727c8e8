"""How the tools behind the gates are run and their output is read. One module per tool."""
