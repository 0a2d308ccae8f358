"""What the server does besides running pages: files, headers, redirects, connections."""
