-- Codes of an authenticator beside the password (api/second_factor.h).

-- sealed: the secret, under a key that is not in the catalogue. last_step: the newest code that was used, as the number
-- of its half minute. Without confirmed_ns it is not asked for yet.
CREATE TABLE second_factors (
  user_name TEXT NOT NULL PRIMARY KEY REFERENCES users (name),
  sealed TEXT NOT NULL,
  confirmed_ns BIGINT,
  last_step BIGINT NOT NULL
);

-- hash: SHA-256 of 80 random bits. A row goes when its code is used.
CREATE TABLE recovery_codes (
  user_name TEXT NOT NULL REFERENCES users (name),
  hash TEXT NOT NULL,
  PRIMARY KEY (user_name, hash)
);
