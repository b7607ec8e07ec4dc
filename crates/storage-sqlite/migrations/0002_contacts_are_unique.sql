-- Codes go to these, and accounts are recovered by them: each belongs to one person. Mail addresses
-- stand here in lower case; the documents keep them as they were written.

UPDATE users SET email = lower(email) WHERE email IS NOT NULL;

-- Where several accounts share one already nobody can say whose it is: none of them is found by it
-- any more, until one of them is saved.
UPDATE users SET mobile = NULL
  WHERE mobile IN (SELECT mobile FROM users GROUP BY mobile HAVING count(*) > 1);
UPDATE users SET email = NULL
  WHERE email IN (SELECT email FROM users GROUP BY email HAVING count(*) > 1);

DROP INDEX users_by_mobile;
DROP INDEX users_by_email;
CREATE UNIQUE INDEX users_by_mobile ON users (mobile) WHERE mobile IS NOT NULL;
CREATE UNIQUE INDEX users_by_email ON users (email) WHERE email IS NOT NULL;
