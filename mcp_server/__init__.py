"""FastAPI Agent Kit: changes features as transactions, judges migrations, runs the quality gates.

The packages form a house whose arrows point down only:
adapters -> operations -> gates -> features, migrations, rules, prps, plan -> changes, architecture, inspection -> schema -> workspace.
"""
