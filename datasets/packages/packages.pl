#!/usr/bin/perl
# packages.pl - the machine's own package index (apt) as NDJSON, one document a package, to standard output.
#
# Reads what apt keeps already, asks no network. The long description comes from the Translation-en index where apt
# has one; else the document has its summary alone. Perl, because every Debian has it.
use strict;
use warnings;

sub quote {
    my ($text) = @_;
    $text =~ s/[^\x09\x0a\x20-\x7e\x80-\xff]//g;
    $text =~ s/(["\\])/\\$1/g;
    $text =~ s/\n/\\n/g;
    $text =~ s/\t/\\t/g;
    return "\"$text\"";
}

sub valid_utf8 {
    my ($text) = @_;
    return utf8::decode(my $copy = $text);
}

# One stanza: "Key: value" lines, continuation lines begin with a space.
sub parse_stanza {
    my ($stanza) = @_;
    my (%fields, $key);
    for my $line (split /\n/, $stanza) {
        if ($line =~ /^\s/) {
            $fields{$key} .= "\n$line" if defined $key;
        } elsif ($line =~ /^([^:]+):\s*(.*)$/) {
            ($key) = ($1);
            $fields{$key} = $2;
        }
    }
    return \%fields;
}

sub each_stanza {
    my ($command, $visit) = @_;
    open(my $pipe, '-|', $command) or return;
    local $/ = '';
    while (my $stanza = <$pipe>) {
        $visit->(parse_stanza($stanza)) if valid_utf8($stanza);
    }
    close $pipe;
}

# Continuation lines of a description: " text", " ." for an empty line.
sub plain_description {
    my ($text) = @_;
    my ($summary, @lines) = split /\n/, $text;
    s/^ \.$//, s/^ // for @lines;
    return ($summary, join("\n", @lines));
}

my %long;
for my $file (split /\n/, qx{apt-get indextargets --format '\$(FILENAME)' 'Created-By: Translations' 2>/dev/null}) {
    next unless $file =~ /en$/ || $file =~ /en\./;
    each_stanza("/usr/lib/apt/apt-helper cat-file '$file' 2>/dev/null", sub {
        my ($fields) = @_;
        my $key = $fields->{'Description-md5'} // return;
        $long{$key} = $fields->{'Description-en'} // return;
    });
}

my %seen;
each_stanza('apt-cache dumpavail 2>/dev/null', sub {
    my ($f) = @_;
    my $name = $f->{Package} // return;
    return if $seen{$name}++;
    my $text = $long{$f->{'Description-md5'} // ''} // $f->{Description} // '';
    my ($summary, $description) = plain_description($text);
    my @members = ('"name":' . quote($name), '"version":' . quote($f->{Version} // ''));
    push @members, '"section":' . quote($f->{Section}) if defined $f->{Section};
    push @members, '"priority":' . quote($f->{Priority}) if defined $f->{Priority};
    push @members, '"maintainer":' . quote($f->{Maintainer}) if defined $f->{Maintainer};
    push @members, '"installed_size":' . ($f->{'Installed-Size'} + 0) if defined $f->{'Installed-Size'};
    if (defined $f->{Tag}) {
        my @tags = grep { length } split /[\s,]+/, $f->{Tag};
        push @members, '"tags":[' . join(',', map { quote($_) } @tags) . ']';
    }
    push @members, '"homepage":' . quote($f->{Homepage}) if defined $f->{Homepage};
    push @members, '"depends":' . quote($f->{Depends}) if defined $f->{Depends};
    push @members, '"summary":' . quote($summary // '');
    push @members, '"description":' . quote($description) if length($description // '');
    print '{', join(',', @members), "}\n";
});
