// What is not there yet, and what is old: both fill themselves in.
'use strict';
