-- Not finished, and not valid Jinja yet. The project builds because .dbtignore leaves this directory out.
select customer_id, {% if points_per_euro
