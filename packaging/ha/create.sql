-- Creates the database of Clientele and its user, once, on the leader:
--
--   psql -h 10.0.0.31 -p 5000 -U postgres -f create.sql
CREATE ROLE clientele LOGIN PASSWORD 'SECRET_CLIENTELE';
CREATE DATABASE clientele OWNER clientele ENCODING 'UTF8' TEMPLATE template0;
