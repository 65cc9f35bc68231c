/**
 * Numbers every state of every embedding, by triggers, so that whoever writes cannot forget it. A number is never given
 * twice: what has been computed from revision 7 is right as long as there is a revision 7, and useless afterwards.
 */
export const REVISIONS = `
  create table revision (revision integer primary key autoincrement, image_id integer not null unique);
  create trigger embedding_added after insert on embedding begin
    delete from revision where image_id = new.image_id;
    insert into revision (image_id) values (new.image_id);
  end;
  create trigger embedding_changed after update on embedding begin
    delete from revision where image_id = old.image_id;
    insert into revision (image_id) values (new.image_id);
  end;
  create trigger embedding_gone after delete on embedding begin
    delete from revision where image_id = old.image_id;
  end;
  insert into revision (image_id) select image_id from embedding order by image_id;
`;
