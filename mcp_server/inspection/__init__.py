"""The app as it is: models, routes, OpenAPI, schema. Changes nothing."""
