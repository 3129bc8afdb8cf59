"""Steps and findings as JSON, Markdown, JUnit and text."""
