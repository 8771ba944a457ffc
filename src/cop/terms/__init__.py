"""What providers promise: documents to clauses, clauses to findings with quoted evidence, readability, changes.

Asked for in paragraph 7.14 of the WG-CP/1 report: an updated list of providers with appropriate policies on user
content, removal at the user's request included, and terms that youngsters understand. What this room says is a
proposal with its evidence; a person decides, and only decided findings list a provider.
"""
