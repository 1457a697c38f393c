# SPDX-License-Identifier: MIT
# What `prove` leaves out: what failed and what it said, every skip with its reason, and one last line with the counts of
# all files.
package VmiHarness;
use strict;
use warnings;
use parent 'TAP::Harness';

my (@skips, @failures);

sub note_skip {
	my ($file, $what, $reason) = @_;
	push @skips, "skip: $file: $what" . ($reason ? ": $reason" : '');
}

sub note_test {
	my ($file, $test) = @_;
	(my $what = $test->description) =~ s/^- //;
	note_skip($file, $what, $test->explanation) if $test->has_skip;
}

# A test's own words come behind its line; those of one that fails are kept.
sub watch {
	my ($parser, $file) = @_;
	my $fails;
	$parser->callback(test => sub {
		my ($test) = @_;
		note_test($file, $test);
		$fails = !$test->is_ok;
		push @failures, "fail: $file: " . $test->as_string if $fails;
	});
	$parser->callback(comment => sub { push @failures, $_[0]->as_string if $fails });
}

sub failures {
	my ($parser) = @_;
	my $count = scalar $parser->failed;
	# A program that died, or ran other than the tests it planned.
	$count++ if !$count && $parser->has_problems;
	return $count;
}

sub report {
	my ($aggregate) = @_;
	my ($passed, $failed) = (0, 0);
	for my $file ($aggregate->descriptions) {
		my ($parser) = $aggregate->parsers($file);
		note_skip($file, 'all of it', $parser->skip_all) if $parser->skip_all;
		$failed += failures($parser);
		$passed += scalar($parser->actual_passed)
			- scalar($parser->skipped);
	}
	print "$_\n" for @failures, @skips;
	printf "%d passed, %d failed, %d skipped\n", $passed, $failed, scalar @skips;
}

sub new {
	my ($class, @args) = @_;
	my $self = $class->SUPER::new(@args);
	$self->callback(made_parser => sub {
		my ($parser, $job) = @_;
		watch($parser, $job->[1]);
	});
	$self->callback(after_runtests => \&report);
	return $self;
}

1;
