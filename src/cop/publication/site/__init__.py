"""The site: pages written as files from one edition, for any web server, a CDN, or a folder opened in a browser."""
