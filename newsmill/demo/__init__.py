"""The demo news site: five editions of our own writing, served over real HTTP.

articles/    what is told, one TOML file per edition
templates/   how it looks: four article layouts, fronts, feeds, sitemaps
expected.toml  what must come of ingesting it
editions.py, template.py, pages.py, site.py are pure; server.py is the edge.
"""
