# SPDX-License-Identifier: MIT
# What `prove` leaves out: every skip with its reason, and one last line with the counts of all files.
package VmiHarness;
use strict;
use warnings;
use parent 'TAP::Harness';

my @skips;

sub note_skip {
	my ($file, $what, $reason) = @_;
	push @skips, "skip: $file: $what" . ($reason ? ": $reason" : '');
}

sub note_test {
	my ($file, $test) = @_;
	(my $what = $test->description) =~ s/^- //;
	note_skip($file, $what, $test->explanation) if $test->has_skip;
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
	print "$_\n" for @skips;
	printf "%d passed, %d failed, %d skipped\n", $passed, $failed, scalar @skips;
}

sub new {
	my ($class, @args) = @_;
	my $self = $class->SUPER::new(@args);
	$self->callback(made_parser => sub {
		my ($parser, $job) = @_;
		my $file = $job->[1];
		$parser->callback(test => sub { note_test($file, @_) });
	});
	$self->callback(after_runtests => \&report);
	return $self;
}

1;
