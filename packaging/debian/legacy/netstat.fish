# Completion of duostat's netstat for fish.
complete -c netstat -w netstat-duostat
