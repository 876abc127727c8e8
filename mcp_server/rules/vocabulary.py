"""What instructions may name: the tools and commands of this kit. A test compares it with what the kit really has."""

TOOLS = frozenset(
    {
        "workspace_info",
        "scaffold_feature",
        "extend_feature",
        "remove_feature",
        "undo_change",
        "plan_migration",
        "apply_migration",
        "run_quality_gates",
    }
)

COMMANDS = frozenset(
    {
        "db seed",
        "info",
        "feature add",
        "feature extend",
        "feature remove",
        "feature trace",
        "feature undo",
        "migrate plan",
        "migrate apply",
        "migrate rebase",
        "gates",
        "rules sync",
        "rules check",
        "prp check",
        "plan show",
        "serve",
    }
)
"""Commands of `kit`, without the `kit`."""
