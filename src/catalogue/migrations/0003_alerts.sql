-- What an operator has been told, and what still waits to be sent (service/notifier.h).

-- level: 0 is never stored, as then all is well. said: 0 where it was held back, so that its end is held back too.
CREATE TABLE alerts (
  topic TEXT NOT NULL,
  subject TEXT NOT NULL,
  level INTEGER NOT NULL CHECK (level >= 1),
  lasting INTEGER NOT NULL CHECK (lasting IN (0, 1)),
  said INTEGER NOT NULL CHECK (said IN (0, 1)),
  since_ns BIGINT NOT NULL,
  title TEXT NOT NULL,
  PRIMARY KEY (topic, subject)
);

CREATE TABLE notices (
  id BIGINT NOT NULL PRIMARY KEY,
  receiver TEXT NOT NULL,
  time_ns BIGINT NOT NULL,
  content TEXT NOT NULL
);
CREATE INDEX notices_by_receiver ON notices (receiver, id);

INSERT INTO counters (name, value) VALUES ('notices', 0);
