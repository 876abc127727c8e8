"""The projects in here are data: their own tests run inside the copies that tests make of them."""

collect_ignore_glob = ["*"]
