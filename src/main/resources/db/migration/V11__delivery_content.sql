-- content: how often the file had another content than before, from 1; a part of the delivery key.
ALTER TABLE delivery ADD COLUMN content INTEGER DEFAULT 1 NOT NULL;
