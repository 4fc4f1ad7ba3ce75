-- Placeholder of ACCOUNT so that 0006 can be committed: AUDIT overwrites this file with its own.
SELECT 1;
