{{ survey('analysis') }} select 1
