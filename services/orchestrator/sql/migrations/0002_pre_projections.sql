-- The projections' tables are in projections.sql, because replay makes them in a schema of its own too.
SET LOCAL search_path TO projection;
\include projections.sql
SET LOCAL search_path TO public;
