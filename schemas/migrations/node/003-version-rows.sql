-- Rows of the tables in a version; null where no file is a table, and for versions from before this column.
ALTER TABLE versions ADD COLUMN rows INTEGER;
