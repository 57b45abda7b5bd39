-- Databases and roles of Veche, to be run once by the superuser: psql --file roles.sql
--
-- Of each service: a database; the role that owns its tables, for `init` alone; the role of the running
-- programs, which `init` gives its rights table by table. Neither service can connect to the other's database.
-- Give each a password (\password ROLE) or a client certificate, and pg_hba.conf a line for each of the four.
-- The server's log gets no value of a row: neither the DETAIL of an error nor the statement.
-- In production each database has a server of its own, with its own operator: run the half that is needed.

CREATE ROLE veche_issuer_owner LOGIN;
CREATE ROLE veche_issuer LOGIN;
GRANT pg_read_all_stats TO veche_issuer_owner; -- a sweep waits for who reads an older state
CREATE DATABASE veche_issuer OWNER veche_issuer_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE veche_issuer FROM PUBLIC;
GRANT CONNECT ON DATABASE veche_issuer TO veche_issuer;
ALTER DATABASE veche_issuer SET log_error_verbosity TO terse;
ALTER DATABASE veche_issuer SET log_min_error_statement TO panic;

CREATE ROLE veche_box_owner LOGIN;
CREATE ROLE veche_box LOGIN;
GRANT pg_read_all_stats TO veche_box_owner;
CREATE DATABASE veche_box OWNER veche_box_owner TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE veche_box FROM PUBLIC;
GRANT CONNECT ON DATABASE veche_box TO veche_box;
ALTER DATABASE veche_box SET log_error_verbosity TO terse;
ALTER DATABASE veche_box SET log_min_error_statement TO panic;
