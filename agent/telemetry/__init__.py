"""What can be seen of the shop at work from outside: figures, traces and log lines, none with a shopper's words in it.

figures.py   counts and durations, for Prometheus
traces.py    request → turn → tools, models, searches, for OpenTelemetry
logs.py      lines for people or as JSON
about.py     what a line says of the request and the conversation that it belongs to
queues.py    who waits for a person, and what waits to be delivered
turns.py     a turn, as its events tell it;   tools.py  the tools in it;   assistants.py  calls by MCP
"""
