#!/bin/sh
# What ss prints from recorded sock_diag answers, proc trees and files.
#
# SPDX-License-Identifier: GPL-2.0-or-later
exec "$top_srcdir/tests/golden/run.sh" ss
