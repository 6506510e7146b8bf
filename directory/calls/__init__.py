"""What the pages say of calls: words for their status, their money and who pays."""
