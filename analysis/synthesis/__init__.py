"""How each bundled synthetic study is made, one package a study; nothing else imports it."""
