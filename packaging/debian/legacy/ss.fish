# Completion of duostat's ss for fish.
complete -c ss -w ss-duostat
