{{ p('local', 'scoped', var('scoped')) }}{{ p('local', 'shared', shared()) }}{{ p('local', 'inner', inner()) }}{{ p('local', 'greet', greet()) }}{{ p('local', 'project_name', project_name) }}
select 1 as id
