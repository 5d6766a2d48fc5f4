-- What public figures count of a pull: only what the papers of both sides say, NULL while one is missing.
ALTER TABLE pulls ADD COLUMN counted INTEGER;
UPDATE pulls SET counted = bytes WHERE pull_order IS NOT NULL AND delivery IS NOT NULL;
