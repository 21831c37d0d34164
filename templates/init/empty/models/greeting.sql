-- A model is a select. Its name is the name of the file; another model reads it with ref('greeting').
select
    1 as greeting_id,
    'hello from __project_name__' as greeting
